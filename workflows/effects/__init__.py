"""Carrying out what the engine asks for, one family a module. All of it in the transaction of the move."""
