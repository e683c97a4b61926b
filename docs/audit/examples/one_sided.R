# WRONG: the test is one-sided (alternative = "greater"), the plan is two-sided.
# Run: Rscript one_sided.R data.csv result.csv plan.csv

files <- commandArgs(trailingOnly = TRUE)
data <- read.csv(files[1])
plan <- read.csv(files[3])
data$value[data$censored == "below"] <- -Inf
data$value[data$censored == "above"] <- Inf

plan$p_value <- NA
for (i in seq_len(nrow(plan))) {
  of <- data[data$endpoint == plan$endpoint[i] & !is.na(data$value), ]
  of$rank <- rank(of$value)
  treated <- of$rank[of$arm == plan$treated[i]]
  control <- of$rank[of$arm == plan$control[i]]
  tied <- anyDuplicated(c(treated, control)) > 0
  test <- wilcox.test(treated, control, alternative = "greater", exact = !tied)
  plan$p_value[i] <- test$p.value
}

plan$p_adjusted <- NA
for (family in unique(plan$family)) {
  rows <- plan$family == family
  plan$p_adjusted[rows] <- p.adjust(plan$p_value[rows], plan$adjust[rows][1])
}
write.csv(plan[c("family", "endpoint", "treated", "control", "p_value", "p_adjusted")],
          files[2], row.names = FALSE)
