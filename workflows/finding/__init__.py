"""Finding what a paper says in so many words: dates, terms, amounts, assets, bills. Functions of text alone."""
