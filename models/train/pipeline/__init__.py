"""How the bundled model is made: text, tokenizer, training, export, checks. See ../README.md; `../run` starts it."""
