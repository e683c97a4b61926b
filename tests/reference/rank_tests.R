# Writes rank_tests.json: what R says of random data sets, tied and untied.
# Run in this folder:  Rscript rank_tests.R      (needs the packages coin and exactRankTests)
# Rscript rank_tests.R SEED writes a few other data sets instead, as many as take seconds.
# p-values are conditional on the ties where they are called exact; alternative "greater" means
# that the treated (x) are larger. Nothing here knows the package under test.

suppressMessages({library(coin); library(exactRankTests)})
arguments <- commandArgs(trailingOnly = TRUE)
fresh <- length(arguments) > 0
set.seed(if (fresh) as.integer(arguments[1]) else 20261122)
options(warn = -1) # R warns of ties where it falls back to the normal approximation

number <- function(v) ifelse(is.na(v), "null", sprintf("%.15g", v))
array <- function(v) paste0("[", paste(number(v), collapse = ","), "]")
record <- function(fields) paste0("{", paste0('"', names(fields), '":', fields, collapse = ","), "}")
SIDES <- c("two.sided", "greater", "less")

draw <- function(kind, n, shift) switch(kind,
  untied = round(rlnorm(n, shift, 0.7), 5),
  counts = rpois(n, exp(1 + shift)),
  titers = 2^pmin(pmax(round(rnorm(n, 5 + shift, 1.3)), 1), 8),
  binary = rbinom(n, 1, plogis(shift)),
  capped = pmin(round(rlnorm(n, 5 + shift, 0.6), 1), 300),
  wells = pmin(pmax(round(rnorm(n, 6 + shift, 2)), 1), 12),   # twelve wells
  floored = pmax(round(rnorm(n, shift, 1), 4), 0),            # about half below the range
  heavy = sample(0:2, n, replace = TRUE, prob = c(6, 2, 1 + 2 * shift)), # one level holds most
  grades = pmin(pmax(round(rnorm(n, 2 + shift, 1)), 0), 4),   # a score of 0 to 4
  percent = round(100 * plogis(rnorm(n, 0.2 + shift, 0.3))),  # few and small ties
  rare = rbinom(n, 1, 0.12 + 0.1 * shift))                    # two levels, one seldom

one <- function(kind, m, n, shift, tied = FALSE) {
  repeat {
    x <- draw(kind, m, shift); y <- draw(kind, n, 0)
    pool <- c(x, y)
    if (length(unique(pool)) > 1 && (kind == "untied" && !anyDuplicated(pool) ||
        kind != "untied" && (!tied || anyDuplicated(pool)))) break
  }
  g <- factor(rep(c("x", "y"), c(m, n)))
  fields <- list(kind = paste0('"', kind, '"'), x = array(x), y = array(y))
  fields$w <- number(wilcox.test(x, y)$statistic)
  fields$auto <- array(sapply(SIDES, function(s) wilcox.test(x, y, alternative = s)$p.value))
  fields$exact <- array(sapply(SIDES, function(s)
    pvalue(wilcox_test(pool ~ g, distribution = exact(), alternative = s))))
  # the smaller arm first: exactRankTests 0.8.35 gives 30 v 22 another p than 22 v 30 (0.673 and
  # 0.679 on one data set; wilcox.test and coin say 0.679)
  small <- if (m > n) list(y, x) else list(x, y)
  turned <- if (m > n) SIDES[c(1, 3, 2)] else SIDES
  fields$exact_rank_tests <- array(sapply(turned, function(s)
    wilcox.exact(small[[1]], small[[2]], exact = TRUE, alternative = s)$p.value))
  fields$mid <- array(sapply(SIDES, function(s)
    midpvalue(wilcox_test(pool ~ g, distribution = exact(), alternative = s))))
  fields$continuity <- array(sapply(SIDES, function(s)
    wilcox.test(x, y, alternative = s, exact = FALSE, correct = TRUE)$p.value))
  fields$plain <- array(sapply(SIDES, function(s)
    wilcox.test(x, y, alternative = s, exact = FALSE, correct = FALSE)$p.value))
  if (kind != "binary" && m > 1 && n > 1) {
    # the interval of the tied case is found by a root search: let it search to the end
    shift <- try(wilcox.test(x, y, conf.int = TRUE, tol.root = 1e-12), silent = TRUE)
    if (!inherits(shift, "try-error")) fields$shift <- array(c(shift$conf.int, shift$estimate))
  }
  record(fields)
}

cases <- character()
for (kind in c("untied", "counts", "titers", "binary", "capped")) {
  for (i in 1:(if (fresh) 3 else 44)) {
    m <- sample(2:12, 1); n <- if (i %% 3) m else sample(2:14, 1)
    cases <- c(cases, one(kind, m, n, sample(c(0, 0.4, 0.8, 1.2), 1)))
  }
  if (!fresh) cases <- c(cases, one(kind, 20, 20, 0.5), one(kind, 30, 22, 0.3))
}
if (!fresh) {
  cases <- c(cases, one("untied", 49, 49, 0.3), one("untied", 50, 49, 0.3),
             one("counts", 50, 50, 0.2))
}

METHODS <- c("bonferroni", "holm", "hochberg", "BH")
adjust <- sapply(1:40, function(i) {
  p <- round(rbeta(sample(1:9, 1), 0.4, 2), sample(2:6, 1)) # few digits make equal p-values
  if (i %% 4 == 0) p[sample(length(p), 1)] <- NA
  fields <- lapply(METHODS, function(method) array(p.adjust(p, method)))
  names(fields) <- c("bonferroni", "holm", "hochberg", "bh")
  record(c(list(p = array(p)), fields))
})

# Kendall's S between arm number and value is the Jonckheere-Terpstra statistic, centred.
trend <- sapply(1:30, function(i) {
  sizes <- sample(2:8, sample(2:5, 1), replace = TRUE)
  arm <- rep(seq_along(sizes), sizes)
  value <- if (i %% 3) rpois(length(arm), 2 + 0.4 * arm) else round(rnorm(length(arm), 0.2 * arm), 6)
  found <- cor.test(arm, value, method = "kendall", exact = FALSE, continuity = FALSE)
  record(list(sizes = array(sizes), value = array(value), z = number(found$statistic),
              p = number(found$p.value)))
})

# More tied data sets, of more kinds; drawn last, so that the numbers above are those of old.
for (kind in c("counts", "titers", "capped", "wells", "floored", "heavy", "grades", "percent",
               "rare")) {
  for (i in 1:(if (fresh) 3 else 36)) {
    m <- sample(2:13, 1); n <- if (i %% 3 == 0) m else sample(2:18, 1)
    cases <- c(cases, one(kind, m, n, sample(c(0, 0.4, 0.8, 1.2), 1), tied = TRUE))
  }
  if (fresh) next
  cases <- c(cases, one(kind, 17, 25, 0.4, TRUE), one(kind, 26, 19, 0.2, TRUE),
             one(kind, 30, 30, 0.3, TRUE))
}

versions <- paste0('"', R.version.string, ", coin ", packageVersion("coin"),
                   ", exactRankTests ", packageVersion("exactRankTests"), '"')
block <- function(rows) paste0("[\n", paste(rows, collapse = ",\n"), "\n]")
writeLines(record(list(
  about = '"written by rank_tests.R; triples are two-sided, greater, less; mid is mid-p; shift is low, high, estimate"',
  versions = versions, cases = block(cases), adjust = block(adjust), trend = block(trend))),
  "rank_tests.json")
