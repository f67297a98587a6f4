import Contract
import Evaluation

extension EvaluationReport {
  /// A row for each case and rater, `n/a` where a figure is undefined, numbers as they are; the columns are the keys of
  /// the JSON.
  var tsv: String {
    let rows = cases.flatMap { entry in
      entry.judgements.map { judgement in
        [entry.name, judgement.rater] + Figure.all.map { cell($0.value(judgement.comparison), of: $0) }
      }
    }
    return lines([Self.columns] + rows)
  }

  private static let columns = ["case", "rater"] + Figure.all.map(\.key)
  private static let lesionColumns = [
    "case", "rater", "side", "number", "voxels", "volume_mm3", "x_mm", "y_mm", "z_mm", "shared_voxels", "met",
  ]
  /// The first columns of `tsv` and of `lesions`, by which one of another version is known too.
  static let heads = Array(columns.prefix(3))
  static let lesionHeads = Array(lesionColumns.prefix(3))

  /// A row for each lesion of the truth and of the mask (components over edges, as ISBI 2015 counts); centres are in mm,
  /// RAS+.
  var lesions: String {
    var rows = [Self.lesionColumns]
    for entry in cases {
      for judgement in entry.judgements {
        let sides = [("truth", judgement.comparison.lesions.truth), ("mask", judgement.comparison.lesions.mask)]
        for (side, lesions) in sides {
          for (place, lesion) in lesions.enumerated() {
            rows.append(
              [entry.name, judgement.rater, side, "\(place + 1)", "\(lesion.voxels)", lesion.volume.decimals(3)]
                + lesion.centre.map { $0.decimals(3) } + ["\(lesion.shared)", lesion.isMet ? "yes" : "no"])
          }
        }
      }
    }
    return lines(rows)
  }

  private func cell(_ value: Double?, of figure: Figure) -> String {
    guard let value else { return "n/a" }
    return figure.isCount ? value.decimals(0) : "\(value)"
  }

  private func lines(_ rows: [[String]]) -> String {
    rows.map { $0.map(\.asCell).joined(separator: "\t") + "\n" }.joined()
  }
}

extension String {
  /// A name with a tab or a line end in it would be two cells, what a terminal obeys is none, and a quotation mark at the
  /// beginning would take rows for one cell.
  var asCell: String {
    let plain = String(String.UnicodeScalarView(unicodeScalars.map { $0.isControl ? "?" : $0 }))
    return plain.hasPrefix("\"") ? "'" + plain.dropFirst() : plain
  }
}

extension Unicode.Scalar {
  /// A line end, a tab, or what makes a terminal do something.
  fileprivate var isControl: Bool {
    [.control, .lineSeparator, .paragraphSeparator].contains(properties.generalCategory)
  }
}
