import Contract
import Files
import Imaging
import SystemPackage

/// A file that is taken for a mask, its values looked at.
struct MaskFile {
  /// Its values as they are; what is more than 0.5 is marked.
  let image: Image
  /// Whether the file says how it lies in the body.
  let isOriented: Bool
  /// What a person should know of how it is taken.
  let notices: [FileNotice]

  /// Throws `Fault` for what is no mask, with what is wrong and what to do.
  init(_ path: FilePath) throws {
    let reading = try Self.read(path)
    if let zeroed = reading.normalisations.first(where: { $0.hasPrefix(Self.notNumbers) }) {
      throw Fault(
        .dataError,
        "\(path) has voxels that are no numbers (\(zeroed.dropFirst(Self.notNumbers.count))): write 0 or 1 there")
    }
    image = reading.image
    isOriented = reading.isOriented
    guard let edge = image.geometry.spacing.max(), edge < Self.largestEdge else {
      throw Fault(.dataError, "\(path) has voxels of a metre and more: its header is not in millimetres")
    }
    let values = MaskValues(image.volume)
    if let words = values.refusal { throw Fault(.dataError, "\(path) \(words)") }
    let marked = image.volume.values.count { $0 > 0.5 }
    let words = [
      values.notice,
      marked == 0 && values.isMarked ? "has nothing above 0.5: it is taken for empty" : nil,
      Double(marked) > Self.mostShare * Double(image.volume.values.count)
        ? "has lesion in more than a fifth of its voxels: is it a brain's, or inverted?" : nil,
    ]
    notices = words.compactMap(\.self).map { FileNotice(path: path.string, words: $0) }
  }

  private static func read(_ path: FilePath) throws -> NiftiReading {
    do {
      return try NiftiFile.read(try BoundedReader.read(path), limits: .ours)
    } catch let rejection as Rejection {
      let (reason, numbers) = (rejection.reason, rejection.numbers)
      throw Fault(
        .dataError,
        "\(path) is no mask that can be read (\(rejection)). \(reason.explanation(with: numbers)) \(reason.remedy)")
    }
  }

  private static let notNumbers = "NAN_ZEROED:"
  private static let largestEdge = 1000.0
  /// Share of the grid above which a lesion mask is probably something else; from there on the service holds one.
  private static let mostShare = 0.2
}

extension NiftiReading {
  /// Whether the file says how it lies in the body; else its axes are assumed.
  var isOriented: Bool { !normalisations.contains { $0.hasPrefix("ORIENTATION_ASSUMED") } }
}
