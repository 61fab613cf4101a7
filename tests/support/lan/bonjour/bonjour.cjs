// Another implementation of mDNS on the LAN, that of npm's bonjour-service: steered by lines of JSON, as tests/support/lan/agent.py is.
// Reads {"do": "publish" | "withdraw", ...}; writes {"event": "ready" | "up" | "text" | "down" | "done", "at": …, ...}.
const { Bonjour } = require('bonjour-service')

const TYPE = 'lanchat'
// Without `bind` it would hear nothing that is said to the group, on Linux.
const bonjour = new Bonjour({ interface: process.argv[2], bind: '0.0.0.0' })
const published = new Map()

// The clock of the machine, as Python's time.monotonic().
const tell = (event, more = {}) =>
  process.stdout.write(JSON.stringify({ event, at: Number(process.hrtime.bigint()) / 1e9, ...more }) + '\n')
const seen = ({ name, host, port, txt, addresses }) => ({ name, host, port, txt, addresses })

const browser = bonjour.find({ type: TYPE })
browser.on('up', (service) => tell('up', seen(service)))
browser.on('txt-update', (service) => tell('text', seen(service)))
browser.on('down', (service) => tell('down', seen(service)))

require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const order = JSON.parse(line)
  if (order.do === 'publish') {
    const { name, port, txt, host } = order
    published.set(name, bonjour.publish({ name, port, txt, host, type: TYPE }))
  } else if (order.do === 'withdraw') {
    published.get(order.name).stop()
  } else if (order.do === 'refresh') {
    browser.update()
  }
  tell('done', { do: order.do })
})
tell('ready')
