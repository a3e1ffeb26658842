library(dplyr)
set.seed(1234567890)
fit <- glm(y ~ x, data = d, family = binomial)
summary(fit)
