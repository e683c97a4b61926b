# Rscript traps.R FOLDER: what R says of the focus of every trap, from its CSV alone.
# Reads index.csv (file, endpoint, treated, control), writes answers.csv. Nothing here knows the
# package under test. Values that are no numbers are left out; limits rank lowest or highest.
suppressMessages(library(coin))
options(warn = -1)  # R warns of ties and of text
setwd(commandArgs(trailingOnly = TRUE)[1])
SIDES <- c("two.sided", "greater", "less")
index <- read.csv("index.csv")
rows <- lapply(seq_len(nrow(index)), function(i) {
  one <- index[i, ]
  d <- read.csv(one$file)
  v <- as.numeric(as.character(d$value))
  v[which(d$censored == "below")] <- -1e12
  v[which(d$censored == "above")] <- 1e12
  on <- d$endpoint == one$endpoint & !is.na(v)
  x <- v[on & d$arm == one$treated]
  y <- v[on & d$arm == one$control]
  do.call(rbind, lapply(SIDES, function(s) {
    # coin gets ranks, so that 1e300 cannot overflow in it
    r <- rank(c(x, y))
    g <- factor(rep(c("x", "y"), c(length(x), length(y))))
    data.frame(
      file = one$file, side = s,
      auto = wilcox.test(x, y, alternative = s)$p.value,
      normal = wilcox.test(x, y, alternative = s, exact = FALSE)$p.value,
      plain = wilcox.test(x, y, alternative = s, exact = FALSE, correct = FALSE)$p.value,
      exact = pvalue(wilcox_test(r ~ g, distribution = exact(), alternative = s)))
  }))
})
found <- do.call(rbind, rows)
for (name in c("auto", "normal", "plain", "exact")) found[[name]] <- sprintf("%.15g", found[[name]])
write.csv(found, "answers.csv", row.names = FALSE)
