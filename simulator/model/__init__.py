"""The mouse: exposure to drugs, immune response, response per arm, animals and their values."""
