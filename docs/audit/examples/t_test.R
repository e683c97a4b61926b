# WRONG: Welch's t test of the values as they are; counts and titers are skew, the plan ranks them.
# Run: Rscript t_test.R data.csv result.csv plan.csv

files <- commandArgs(trailingOnly = TRUE)
data <- read.csv(files[1])
plan <- read.csv(files[3])

plan$p_value <- NA
for (i in seq_len(nrow(plan))) {
  of <- data[data$endpoint == plan$endpoint[i], ]
  test <- t.test(of$value[of$arm == plan$treated[i]], of$value[of$arm == plan$control[i]])
  plan$p_value[i] <- test$p.value
}

plan$p_adjusted <- NA
for (family in unique(plan$family)) {
  rows <- plan$family == family
  plan$p_adjusted[rows] <- p.adjust(plan$p_value[rows], plan$adjust[rows][1])
}
write.csv(plan[c("family", "endpoint", "treated", "control", "p_value", "p_adjusted")],
          files[2], row.names = FALSE)
