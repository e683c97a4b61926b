"""What a committee reads: the facts of a run, in the order in which a form asks for them."""
