import Contract
import Ledger

/// What lies in an inbox and is not taken: of which no file is read, moved or known to the ledger. One receipt is left for
/// it, as long as it lies there.
enum Stray: Sendable, Hashable {
  /// A link, pipe, socket or device under the name of an image.
  case alone(ReasonCode)
  /// Many of them in one folder, or in a dataset, by reason.
  case crowd([ReasonCode: Int], isDataset: Bool)
  /// The DICOM files of a folder.
  case series(Int)
  /// Many images beside the trees.
  case misplaced(Int)

  /// The reasons that a receipt about any of them can have.
  static let reasons: [ReasonCode] = [.symlink, .annexNotFetched, .notRegular, .dicom, .outOfPlace]
  /// What the receipts about many are named after, in the folder in which they lie.
  static let crowdName = "links"
  static let seriesName = "DICOM files"
  static let misplacedName = "images"

  /// Why they are not taken: of several reasons the most frequent.
  var reason: ReasonCode {
    switch self {
    case .alone(let reason): reason
    case .crowd(let counts, _): Stray.sorted(counts).first?.reason ?? .symlink
    case .series: .dicom
    case .misplaced: .outOfPlace
    }
  }

  var count: Int {
    switch self {
    case .alone: 1
    case .crowd(let counts, _): counts.values.reduce(0, +)
    case .series(let count), .misplaced(let count): count
    }
  }

  /// What is left about them.
  var receipt: Receipt {
    switch self {
    case .alone:
      Receipt(
        .held, reason: reason, explanation: reason.explanation(with: []), remedy: reason.remedy,
        lines: ["It is not touched. This word is taken back when it is gone, or can be taken."])
    case .crowd(let counts, let isDataset):
      Receipt(
        .held, reason: reason, explanation: Stray.explanation(counts, isDataset), remedy: reason.remedy,
        lines: (isDataset ? ["Of the links of a DataLad dataset datalad unlock makes files: they are taken then."] : [])
          + ["They are not touched. This word is taken back when they are gone, or are files."])
    case .misplaced(let count):
      Receipt(
        .held, reason: reason,
        explanation: "\(count) images lie beside unlabeled/ and labeled/ instead of in one of them.",
        remedy: reason.remedy, lines: ["They are not touched. This word is taken back when they are gone."])
    case .series(let count):
      Receipt(
        .rejected, reason: reason, explanation: reason.explanation(with: [Verdict.Number("count", String(count))]),
        remedy: reason.remedy,
        lines: ["They stay where they are. This word is taken back when they are gone."])
    }
  }

  private static func explanation(_ counts: [ReasonCode: Int], _ isDataset: Bool) -> String {
    let parts = sorted(counts).map { (reason, count) -> String in
      let links = count == 1 ? "1 link" : "\(count) links"
      return switch reason {
      case .annexNotFetched: "\(links) of git-annex or DataLad whose content has not been fetched"
      case .symlink: "\(links), not followed"
      default: count == 1 ? "1 pipe, socket or device" : "\(count) pipes, sockets or devices"
      }
    }
    let place = isDataset ? "In this dataset" : "In this folder"
    return "\(place) some names of images are no files: \(parts.joined(separator: "; "))."
  }

  private static func sorted(_ counts: [ReasonCode: Int]) -> [(reason: ReasonCode, count: Int)] {
    counts.map { (reason: $0.key, count: $0.value) }
      .sorted { ($1.count, $0.reason.rawValue) < ($0.count, $1.reason.rawValue) }
  }
}
