"""How plans, truths and answers are said: one wording for screen, report, statement and page."""
