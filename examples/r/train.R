# Rscript train.R --lr LR --decay DECAY --features linear|quadratic --epochs EPOCHS
# Tells Iris versicolor from virginica by logistic regression, trained point by point. Prints the validation loss last.

words <- commandArgs(trailingOnly = TRUE)
args <- setNames(as.list(words[c(FALSE, TRUE)]), sub("^--", "", words[c(TRUE, FALSE)]))
lr <- as.numeric(args$lr)
decay <- as.numeric(args$decay)

set.seed(1) # the same split and the same order for every configuration
data <- iris[iris$Species != "setosa", ]
x <- scale(as.matrix(data[, 1:4]))
if (args$features == "quadratic") x <- cbind(x, x^2)
x <- cbind(1, x)
y <- as.numeric(data$Species == "virginica")
valid <- sample(nrow(x), 40)
train <- setdiff(seq_len(nrow(x)), valid)

probability <- function(rows) 1 / (1 + exp(-as.vector(x[rows, , drop = FALSE] %*% w)))
w <- rep(0, ncol(x))
for (epoch in seq_len(as.integer(args$epochs))) {
  for (i in sample(train)) w <- w - lr * ((probability(i) - y[i]) * x[i, ] + decay * w)
}
p <- pmin(pmax(probability(valid), 1e-9), 1 - 1e-9)
cat(-mean(ifelse(y[valid] == 1, log(p), log(1 - p))), "\n")
