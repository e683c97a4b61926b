# Rank tests by R, one data set after the other.
#
#   Rscript peers.R TEST SIZES DATA RESULT
#
# TEST   wilcox (stats), exactRankTests or coin
# SIZES  comma-separated n; the first n values of each half of a row are tested
# DATA   one data set per row: treated values, then as many control values, separated by blanks
# RESULT gets one line per row with its p-values
# Prints the processor seconds of the loop, without R's start and without reading.
arguments <- commandArgs(trailingOnly = TRUE)
test <- arguments[1]
sizes <- as.integer(strsplit(arguments[2], ",")[[1]])
data <- as.matrix(read.table(arguments[3]))
half <- ncol(data) / 2

p_value <- switch(test,
  wilcox = function(x, y) wilcox.test(x, y)$p.value,
  exactRankTests = {
    suppressPackageStartupMessages(library(exactRankTests))
    function(x, y) wilcox.exact(x, y, exact = TRUE)$p.value
  },
  coin = {
    suppressPackageStartupMessages(library(coin))
    function(x, y) {
      arm <- factor(rep(c("treated", "control"), c(length(x), length(y))))
      as.numeric(pvalue(wilcox_test(c(x, y) ~ arm, distribution = "exact")))
    }
  }
)

found <- matrix(0, nrow(data), length(sizes))
invisible(p_value(as.numeric(1:3), as.numeric(2:4) + 0.5)) # what R compiles or loads on a first call
used <- function() sum(proc.time()[c("user.self", "sys.self")])
start <- used()
for (row in seq_len(nrow(data))) {
  for (k in seq_along(sizes)) {
    n <- sizes[k]
    found[row, k] <- p_value(data[row, 1:n], data[row, half + 1:n])
  }
}
spent <- used() - start
write.table(format(found, digits = 17), arguments[4], row.names = FALSE, col.names = FALSE, quote = FALSE)
cat(format(spent, digits = 6), "\n")
