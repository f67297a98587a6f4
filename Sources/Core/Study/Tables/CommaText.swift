import Evaluation

/// `tables.csv` and `cases.csv`: comma-separated values (RFC 4180) with all digits; an empty field where there is nothing.
enum CommaText {
  /// One row for each strategy and recipe of each table: `popcorn` and `baseline` stand in both of the paper's.
  static func rows(_ study: StudyTables) -> String {
    let heads = [
      "table", "strategy", "recipe", "seeds", "runs", "images", "dice", "dice_sd_over_seeds", "precision",
      "precision_images", "precision_left_out", "sensitivity", "sensitivity_images", "sensitivity_left_out",
      "best_strategy", "p_best",
      "p_best_holm", "p_best_is_better", "baseline_recipe", "p_baseline", "p_baseline_holm",
      "p_better_than_baseline", "main_recipe", "p_main_recipe", "p_main_recipe_holm", "p_better_than_main_recipe",
      "optimizer_steps_min",
      "optimizer_steps_max", "patches_min", "patches_max", "labelled_patches_min", "labelled_patches_max",
      "pseudo_labels_min", "pseudo_labels_max", "seconds", "held_out_dice", "latent_correlation", "pseudo_label_dice",
    ]
    return text(
      [heads]
        + study.families.flatMap { family in family.rows.map { (family, $0) } }.map { family, row in
          let best = family.againstBest[row.key]
          let baseline = family.againstBaseline[row.key]
          let main = study.againstMain[row.key]
          let averages = [
            family.place.rawValue, row.key.strategy, row.key.recipe,
            row.seeds.map { "\($0)" }.joined(separator: " "), "\(row.runs.count)",
            "\(row.cases.count)", number(row.dice), number(row.deviation), number(row.precision.mean),
            "\(row.precision.images)", "\(row.precision.leftOut)", number(row.sensitivity.mean),
            "\(row.sensitivity.images)", "\(row.sensitivity.leftOut)",
          ]
          let comparisons =
            [best?.reference?.strategy ?? ""] + probabilities(best) + [baseline?.reference?.recipe ?? ""]
            + probabilities(baseline) + [main?.reference?.recipe ?? ""] + probabilities(main)
          let effort =
            [\StudyRun.optimizerSteps, \.patches, \.labelledPatches, \.pseudoLabels].flatMap { path in
              let values = row.runs.map { $0[keyPath: path] }
              return [values.min(), values.max()].map { $0.map { "\($0)" } ?? "" }
            } + [number(row.runs.reduce(0) { $0 + $1.seconds })]
          let beside = [
            row.heldOutDice, mean(row.runs.compactMap { $0.tellingAgreement?.correlation }),
            mean(row.runs.flatMap(\.selections).compactMap { $0.dice?.finite }),
          ]
          return averages + comparisons + effort + beside.map(number)
        })
  }

  /// One row for each strategy, recipe, seed and test image.
  static func cases(_ record: StudyRecord) -> String {
    let heads = [
      "strategy", "recipe", "seed", "image", "subject", "site", "dice", "precision", "sensitivity", "truth_ml",
      "mask_ml",
    ]
    let scans = Dictionary(record.cohort.test.map { ($0.name, $0) }) { first, _ in first }
    return text(
      [heads]
        + record.runs.flatMap { run in
          run.scores.map { score in
            let scan = scans[score.name]
            return [run.strategy, run.recipe, "\(run.seed)", score.name, scan?.subject ?? "", scan?.site ?? ""]
              + [score.dice, score.precision, score.sensitivity, score.truthMl, score.maskMl].map(number)
          }
        })
  }

  private static func text(_ records: [[String]]) -> String {
    records.map { $0.map(Escaping.field).joined(separator: ",") + "\r\n" }.joined()
  }

  private static func number(_ value: Double?) -> String { value?.finite.map { "\($0)" } ?? "" }

  private static func probabilities(_ comparison: StudyComparison?) -> [String] {
    guard case .tested(let p, let adjusted, let better, _, _) = comparison?.verdict else { return ["", "", ""] }
    return [number(p), number(adjusted), number(better)]
  }
}
