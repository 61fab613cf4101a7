"""What a chat is: frames, names, the rule of order, who is here, the journal and the rooms. No socket, no HTTP."""
