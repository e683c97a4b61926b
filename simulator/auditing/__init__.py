"""Other people's analysis code against data whose truth is known."""
