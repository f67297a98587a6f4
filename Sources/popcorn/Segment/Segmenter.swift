import Contract
import Engine
import Files
import Imaging
import Popcorn
import SystemPackage

/// Networks by their file, the last few kept: a draft after a draft loads nothing.
final class Models {
  private let device: CPU
  private var kept: [(path: String, network: UNet<CPU>, use: ModelUse)] = []
  private static let most = 2

  init(on device: CPU) { self.device = device }

  /// A network, and how its training says that it is to be used.
  func network(_ path: String) throws -> (network: UNet<CPU>, use: ModelUse) {
    if let known = kept.first(where: { $0.path == path }) { return (known.network, known.use) }
    let file = try Self.file(path)
    let use = try ModelUse(file, path: path)
    device.convolutions = ModelUse.convolutions(of: file)
    let network = try UNet(on: device, file: file)
    kept = Array(([(path, network, use)] + kept).prefix(Self.most))
    return (network, use)
  }

  /// Reads a file of weights or of Adam's state. One that has the name of its digest, as all of the service's have, must
  /// be there and be what its name says; else it throws `ModelDamaged`.
  static func file(_ path: String) throws -> Safetensors {
    let stored = FilePath(path).lastComponent.flatMap { Digest(hexadecimal: $0.stem) }
    let bytes: [UInt8]
    do {
      bytes = try BoundedReader.read(FilePath(path))
    } catch {
      guard stored != nil, [.noSuchFileOrDirectory, .ioError].contains(error.errno) else { throw error }
      throw ModelDamaged(path: path, words: "\(error.errno)")
    }
    if let stored, Digest(of: bytes) != stored {
      throw ModelDamaged(path: path, words: "its content is not what its name says")
    }
    do { return try Safetensors.decode(bytes) } catch { throw ModelDamaged(path: path, words: "\(error)") }
  }
}

/// A model file that cannot be used.
struct ModelDamaged: Error, CustomStringConvertible {
  var path: String
  var words: String
  var description: String { "\(path): \(words)" }
}

/// Draft masks.
struct Segmenter {
  var models: Models
  var cache: PreparedCache?

  /// Prepares, segments and writes what the order asks for, all of it durable.
  func draft(_ order: DraftOrder, meanwhile: @escaping () throws -> Void) throws -> MaskFigures {
    let (network, use) = try models.network(order.model)
    let (prepared, header) = try ScanFiles(settings: order.preparation, areCanonical: true).prepare(
      order.scan)
    let volume = CaseVolume(image: prepared.image, brain: prepared.brain)
    let window = SlidingWindow(network, edge: order.patchSize, manner: use.window, meanwhile: meanwhile)
    let segmentation = try window.segment(volume)
    network.device.releaseMemory()
    let native = NativeMask(segmentation, prepared: prepared, at: use.point(otherwise: order.threshold))

    let mask = NiftiFile.encode(mask: native.mask, like: header, description: order.description)
    try writeDurably(mask, to: order.maskPath)
    var probabilityDigest: String?
    if let path = order.probabilityPath,
      let bytes = NiftiFile.encode(
        probability: native.probability, as: order.probability, like: header, description: order.description)
    {
      try writeDurably(bytes, to: path)
      probabilityDigest = "\(Digest(of: bytes))"
    }
    try writeDurably(segmentation.latent.withUnsafeBytes { Array($0) }, to: order.latentPath)
    return native.figures(maskDigest: "\(Digest(of: mask))", probabilityDigest: probabilityDigest)
  }
}
