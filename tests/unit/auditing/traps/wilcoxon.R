# Rscript wilcoxon.R DATA PLAN RESULT: a right analysis that is told what to compare.
arguments <- commandArgs(trailingOnly = TRUE)
d <- read.csv(arguments[1], check.names = FALSE)
plan <- read.csv(arguments[2])
options(warn = -1)
d$value <- as.numeric(as.character(d$value))
d$value[which(d$censored == "below")] <- -1e12
d$value[which(d$censored == "above")] <- 1e12
of <- function(endpoint, arm) {
  v <- d$value[d$endpoint == endpoint & d$arm == arm]
  v[!is.na(v)]
}
plan$p_value <- sapply(seq_len(nrow(plan)), function(i) {
  x <- of(plan$endpoint[i], plan$treated[i])
  y <- of(plan$endpoint[i], plan$control[i])
  if (length(x) == 0 || length(y) == 0) return(NA)
  wilcox.test(x, y, alternative = sub("-", ".", plan$alternative[i], fixed = TRUE))$p.value
})
plan$p_adjusted <- ave(plan$p_value, plan$family, FUN = function(p) p.adjust(p, "holm"))
plan$rejected <- plan$p_adjusted <= plan$alpha
write.csv(plan, arguments[3], row.names = FALSE)
