"""The rating page: what people say of pictures, asked in a browser on their own machine, kept in one CSV a rater."""
