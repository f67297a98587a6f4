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

  /// Throws `Fault` for what is no mask, with what is wrong and what to do. Two volumes, the second of lesions, are one mask,
  /// as the service takes them.
  init(_ path: FilePath) throws {
    let reading = try Self.read(path)
    if let zeroed = reading.normalisations.first(where: { $0.hasPrefix(Self.notNumbers) }) {
      throw Fault(
        .dataError,
        "\(path) has voxels that are no numbers (\(zeroed.dropFirst(Self.notNumbers.count))): write 0 or 1 there")
    }
    image = reading.image
    isOriented = reading.isOriented
    guard image.geometry.spacing.allSatisfy(Self.edges.contains) else {
      throw Fault(
        .dataError,
        "\(path) has voxels of \(image.geometry.spacing.map { "\($0)" }.joined(separator: " x ")) mm: its header is not in "
          + "millimetres")
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
      return try NiftiFile.read(try BoundedReader.read(path), role: .label, limits: .ours)
    } catch let rejection as Rejection {
      let (reason, numbers) = (rejection.reason, rejection.numbers)
      throw Fault(
        .dataError,
        "\(path) is no mask that can be read (\(rejection)). \(reason.explanation(with: numbers)) \(Self.remedy(for: reason))"
      )
    }
  }

  private static func remedy(for reason: ReasonCode) -> String {
    reason == .is4D ? "Save the mask alone, as one volume." : reason.remedy
  }

  private static let notNumbers = "NAN_ZEROED:"
  /// What is a voxel's edge, mm, and no mistake in the unit.
  private static let edges = 0.01..<1000
  /// Share of the grid above which a lesion mask is probably something else; from there on the service holds one.
  private static let mostShare = 0.2
}

extension NiftiReading {
  /// Whether the file says how it lies in the body; else its axes are assumed.
  var isOriented: Bool { !normalisations.contains { $0.hasPrefix("ORIENTATION_ASSUMED") } }
}
