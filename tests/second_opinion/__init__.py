"""A second implementation, written blind from the design page alone.

Nothing here imports the package under test, and nothing but the standard
library is used, so an agreement between the two is evidence and not an echo.
"""
