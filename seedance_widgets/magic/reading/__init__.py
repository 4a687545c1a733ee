"""Reading what was typed after a magic: the line, its flags, the prompt. Pure."""
