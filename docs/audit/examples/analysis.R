# Mann-Whitney U test of every comparison in the plan, adjusted within each family (base R).
# Run: Rscript analysis.R data.csv result.csv plan.csv

files <- commandArgs(trailingOnly = TRUE)
read_text <- function(file) {  # every cell as text, so that an arm may be called NA, 1 or T
  read.csv(file, colClasses = "character", na.strings = character(0), check.names = FALSE)
}
data <- read_text(files[1])
plan <- read_text(files[3])
if (any(plan$test != "mann_whitney" | plan$unit != "animal")) {
  stop("this script has the Mann-Whitney test of animals only")
}

number <- suppressWarnings(as.numeric(data$value))
number[!is.finite(number)] <- NA
text <- is.na(number) & !trimws(data$value) %in% c("", "NA", "NaN", "nan")
if (any(text)) {
  message("not numbers, left out: ", paste(unique(data$value[text]), collapse = ", "))
}
# a value outside the range of the assay is lower, or higher, than all that were measured
if ("censored" %in% names(data)) {
  number[!is.na(number) & data$censored == "below"] <- -Inf
  number[!is.na(number) & data$censored == "above"] <- Inf
}

compare <- function(row) {
  values <- function(arm) number[data$endpoint == row$endpoint & data$arm == arm & !is.na(number)]
  treated <- values(row$treated)
  control <- values(row$control)
  ranks <- rank(c(treated, control))  # an older wilcox.test leaves out what is infinite
  if (min(length(treated), length(control)) < 2 || length(unique(ranks)) < 2) {
    return(data.frame(u = NA, p_value = NA))
  }
  tied <- anyDuplicated(ranks) > 0
  if (row$method == "exact" && tied) stop("base R has no exact p-value with ties; coin has")
  if (!row$method %in% c("auto", "exact", "asymptotic")) stop("unknown method ", row$method)
  small <- length(treated) < 50 && length(control) < 50
  found <- wilcox.test(
    ranks[seq_along(treated)], ranks[-seq_along(treated)],
    alternative = sub("-", ".", row$alternative, fixed = TRUE),
    exact = row$method == "exact" || row$method == "auto" && small && !tied,
    correct = toupper(row$continuity) == "TRUE"
  )
  data.frame(u = unname(found$statistic), p_value = found$p.value)
}

adjust <- function(p, how) {
  if (how == "fixed-sequence") return(ifelse(is.na(p), NA, cummax(ifelse(is.na(p), 1, p))))
  p.adjust(p, if (how == "bh") "BH" else how)
}

result <- cbind(plan, do.call(rbind, lapply(split(plan, seq_len(nrow(plan))), compare)))
result$p_adjusted <- NA_real_
for (family in unique(plan$family)) {
  rows <- plan$family == family
  result$p_adjusted[rows] <- adjust(result$p_value[rows], plan$adjust[rows][1])
}
# p is often exactly alpha, but for its last digit
result$rejected <- !is.na(result$p_adjusted) &
  result$p_adjusted <= as.numeric(plan$alpha) * (1 + 1e-9)
columns <- c("family", "endpoint", "treated", "control", "u", "p_value", "p_adjusted", "rejected")
write.csv(result[columns], files[2], row.names = FALSE)
