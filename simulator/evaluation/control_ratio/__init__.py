"""How many animals the shared control gets against each treated arm."""
