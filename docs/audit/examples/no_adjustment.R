# WRONG: every comparison is decided at 0.05 by itself; the plan adjusts for their number.
# Run: Rscript no_adjustment.R data.csv result.csv plan.csv

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
  plan$p_value[i] <- wilcox.test(treated, control, exact = !tied)$p.value
}

plan$rejected <- plan$p_value <= 0.05
write.csv(plan[c("family", "endpoint", "treated", "control", "p_value", "rejected")],
          files[2], row.names = FALSE)
