import Evaluation

/// Whether latents lie as far apart as segmentations differ, with and without consistency: what the order by proximity
/// rests on.
enum LatentTable {
  /// Nil where nothing was compared.
  static func table(_ study: StudyTables) -> Table? {
    let rows = study.rows.filter { $0.runs.contains { $0.tellingAgreement != nil } }
    guard !rows.isEmpty else { return nil }
    return Table(
      title: "Latent distance against differing voxels",
      columns: ["Strategy", "CR on"].map { Table.Column(head: $0, isNumber: false) }
        + ["Seeds", "Pairs", "Correlation", "SD over seeds", "Least", "Most"].map { Table.Column(head: $0) },
      rows: rows.map { row in
        let measured = row.runs.compactMap(\.tellingAgreement)
        let correlations = measured.map(\.correlation)
        return [
          row.label(mainRecipe: study.mainRecipe), row.consistencyOn, "\(correlations.count)",
          span(measured.map(\.pairs)),
        ]
          + [mean(correlations), sampleDeviation(correlations), correlations.min(), correlations.max()].map {
            $0?.figure(2) ?? noNumber
          }
      },
      notes: [
        "Spearman's correlation of equation (4) with the number of voxels in which the true masks differ, over pairs of patches "
          + "of one region of two test images, under the final weights: 1 where latents are ordered as segmentations are."
      ])
  }
}

extension StudyRun {
  /// Its latent agreement; nil over so few pairs that it tells nothing.
  var tellingAgreement: LatentAgreement? {
    latentAgreement.flatMap { $0.pairs >= 30 && $0.correlation.isFinite ? $0 : nil }
  }
}
