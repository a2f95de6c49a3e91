# awk -v rate=RATE -v momentum=MOMENTUM -v degree=DEGREE -v epochs=EPOCHS -f train.awk points.txt
# Fits a polynomial to the odd lines of points.txt by gradient descent, and prints its mean squared error on the even ones.

function predict(x,    power, sum) {
    for (power = degree; power >= 0; power--) sum = sum * x + weight[power]
    return sum
}

NR % 2 { train_x[++trained] = $1; train_y[trained] = $2 }
NR % 2 == 0 { valid_x[++valid] = $1; valid_y[valid] = $2 }

END {
    for (epoch = 1; epoch <= epochs; epoch++)
        for (i = 1; i <= trained; i++) {
            wrong = predict(train_x[i]) - train_y[i]
            value = 1
            for (power = 0; power <= degree; power++) {
                step[power] = momentum * step[power] - rate * wrong * value
                weight[power] += step[power]
                value *= train_x[i]
            }
        }
    for (i = 1; i <= valid; i++) error += (predict(valid_x[i]) - valid_y[i]) ^ 2
    printf "%.6f\n", error / valid
}
