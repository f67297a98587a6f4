import Contract
import Files
import Imaging
import Popcorn
import SystemPackage

/// Cases as files: reads, prepares and places; what is prepared is kept in a folder where there is one.
final class ScanFiles: CaseSource {
  let settings: PreparationSettings
  private let preparation: Preparation
  private let cache: PreparedCache?

  init(settings: PreparationSettings, cache: PreparedCache? = nil) {
    self.settings = settings
    preparation = Preparation(settings: settings)
    self.cache = cache
  }

  /// A scan with its way back to its own grid.
  /// Its header stays for what is written on that grid; its voxels do not.
  func prepare(_ scan: CaseReference) throws -> (prepared: Prepared, header: GeometryHeader) {
    let image = try Self.image(scan.scan)
    let brain = try scan.brain.map(Self.image)
    return (try preparation.prepare(image, brain: brain, isReleased: scan.isReleased == true), image.header)
  }

  func volume(of scan: CaseReference) throws -> CaseVolume {
    let key = key(of: [scan.scan], of: scan)
    if let kept = cache?.volume(key, size: preparation.grid.size) { return kept }
    let (prepared, _) = try prepare(scan)
    let volume = CaseVolume(image: prepared.image, brain: prepared.brain)
    cache?.keep(volume, under: key)
    return volume
  }

  func mask(_ mask: MaskReference, of scan: CaseReference) throws -> Volume<UInt8> {
    let image = try Self.image(mask.path)
    if mask.onReferenceGrid {
      guard image.volume.size == preparation.grid.size else {
        throw Fault(.dataError, "\(mask.path): a mask of \(image.volume.size.list) is not on the reference grid")
      }
      return image.volume.map { $0 == Float(unknownVoxel) ? unknownVoxel : $0 > 0.5 ? 1 : 0 }
    }
    let key = key(of: [scan.scan, mask.path], of: scan)
    if let kept = cache?.mask(key, size: preparation.grid.size) { return kept }
    let placed = try preparation.placeMask(image, in: try prepare(scan).prepared)
    cache?.keep(placed, under: key)
    return placed
  }

  private func key(of files: [String], of scan: CaseReference) -> PreparedCache.Key {
    PreparedCache.Key(
      files: files + [scan.brain].compactMap { $0 }, settings: settings, isReleased: scan.isReleased == true)
  }

  static func image(_ path: String) throws -> Image {
    let bytes = try BoundedReader.read(FilePath(path))
    do { return try NiftiFile.decode(bytes) } catch { throw Fault(error, about: path) }
  }
}
