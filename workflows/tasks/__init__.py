"""Human tasks: whom they ask (`people`), opening and closing them, votes, forms, mail, what is told of them."""
