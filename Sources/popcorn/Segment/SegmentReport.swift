import Contract
import FoundationEssentials

/// What `popcorn segment --json` prints: what was written, with what, and what the mask measures.
struct SegmentReport: Encodable {
  let mask: String
  let probability: String?
  /// SHA-256 of the network's file.
  let modelDigest: String
  let threshold: Double
  let figures: MaskFigures
  let worker: WorkerIdentity

  func text() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}
