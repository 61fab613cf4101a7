"""The words that two people read to each other: short, common, and none like another. One stands for one byte."""

_WORDS = """
acorn almond amber anchor apple apron arrow artist atlas autumn axle badge bagel bamboo banjo barley basket beaver
bench bottle bridge bronze bubble bucket button cabin cactus camel canoe carrot castle cedar cement cereal chapel
cherry cinema circle citrus clover cobalt comet copper coral cotton cowboy crayon daisy dancer desert dinner donkey
drawer drum duck eagle elbow engine falcon farmer ferry fiddle fig filter finger flute forest fossil fox friday frog
funnel galaxy garlic giraffe glacier glove goblet gorilla grape guitar hammer harvest hazel helmet hockey honey
horizon hotel hyena iceberg igloo indigo insect island ivory jacket jaguar jasmine jelly jigsaw jungle kayak kernel
kettle kitchen kiwi koala ladder lagoon lantern lemon leopard letter library lilac lizard llama lobster locket lotus
lumber magnet mammoth mango maple marble meadow melon mermaid mirror morning mosaic muffin museum napkin needle
nephew nickel noodle north nutmeg oasis ocean octopus olive onion opera orange orchard ostrich otter oven oyster
paddle palace panda paper peach pebble pelican pencil pepper piano pickle pigeon pilot pirate planet pony poppy
potato prairie pumpkin puppet puzzle pyramid quartz queen quilt rabbit radish raft raven recipe ribbon river robin
rooster ruby rudder sailor salad sandal scarf seagull shark shovel silver siren slipper snail sparrow spider sponge
statue stork sugar summer sunset swallow syrup table teapot tennis theatre thistle thunder ticket tiger timber
tomato tornado tractor trumpet tulip turtle twelve unicorn urchin valley vanilla velvet vessel victory village
vinegar violet volcano voyage vulture waffle walrus weasel winter wolf wombat wonder yacht yellow yogurt zebra
zenith zigzag zipper zodiac
"""
WORDS = tuple(_WORDS.split())
"""256 words of 3 to 8 letters, in order; no two differ in one letter only."""


def spoken(data: bytes) -> tuple[str, ...]:
    """Return bytes as words, one each."""
    return tuple(WORDS[byte] for byte in data)
