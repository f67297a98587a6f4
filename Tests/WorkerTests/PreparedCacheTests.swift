import Contract
import Files
import Glibc
import Imaging
import Popcorn
import SystemPackage
import Testing

@testable import popcorn

/// Prepared scans that are kept make nothing different, whatever becomes of their files.
@Suite struct PreparedCacheTests {
  private static let settings = PreparationSettings(spacing: 2, size: [24, 26, 22], brain: .nonzero)
  private static let size = GridSize(24, 26, 22)

  private func volume(_ seed: Int) -> CaseVolume {
    let values = (0..<Self.size.count).map { Float(($0 &* 2_654_435_761 &+ seed) % 1009) / 97 }
    return CaseVolume(
      image: Volume(size: Self.size, values: values),
      brain: Volume(size: Self.size, values: values.map { $0 > 5 ? 1 : 0 }))
  }

  private func key(_ name: String, isReleased: Bool = false) -> PreparedCache.Key {
    PreparedCache.Key(files: [name], settings: Self.settings, isReleased: isReleased)
  }

  private func isSame(_ a: CaseVolume?, _ b: CaseVolume) -> Bool {
    a.map { $0.image.values == b.image.values && $0.brain.values == b.brain.values } == true
  }

  private func isMiss(_ key: PreparedCache.Key, in cache: PreparedCache, size: GridSize = Self.size) -> Bool {
    cache.volume(key, size: size) == nil
  }

  @Test func whatIsKeptComesBack() throws {
    let folder = try CacheFolder()
    let cache = try folder.cache()
    let (a, b) = (volume(1), volume(2))
    cache.keep(a, under: key("a"))
    cache.keep(b.brain, under: key("a"))
    #expect(isSame(cache.volume(key("a"), size: Self.size), a))
    #expect(cache.mask(key("a"), size: Self.size)?.values == b.brain.values)
    #expect(isMiss(key("b"), in: cache))
    #expect(isMiss(key("a", isReleased: true), in: cache))
    #expect(isMiss(key("a"), in: cache, size: GridSize(24, 26, 21)))
  }

  /// A bit anywhere, an end that is missing, too much, nothing, another's content: a miss, and what is made anew is kept.
  @Test(arguments: ["first", "middle", "last", "shorter", "longer", "empty", "other"])
  func aDamagedFileIsAMiss(damage: String) throws {
    let folder = try CacheFolder()
    let cache = try folder.cache()
    cache.keep(volume(1), under: key("a"))
    cache.keep(volume(2), under: key("b"))
    let name = key("a").name + ".volume"
    var bytes = try folder.read(name)
    switch damage {
    case "first": bytes[0] ^= 1
    case "middle": bytes[bytes.count / 2] ^= 0x80
    case "last": bytes[bytes.count - 1] ^= 1
    case "shorter": bytes.removeLast()
    case "longer": bytes.append(0)
    case "empty": bytes = []
    default: bytes = try folder.read(key("b").name + ".volume")
    }
    try folder.write(bytes, as: name)
    #expect(isMiss(key("a"), in: cache))
    cache.keep(volume(1), under: key("a"))
    #expect(isSame(cache.volume(key("a"), size: Self.size), volume(1)))
  }

  /// The least recently used go first.
  @Test func itHoldsNoMoreThanItsLimit() throws {
    let folder = try CacheFolder()
    let bytes = 5 * Self.size.count + 32
    let cache = try folder.cache(limit: 3 * bytes)
    for number in 1...3 {
      cache.keep(volume(number), under: key("\(number)"))
      try folder.age(key("\(number)").name + ".volume", seconds: 100 - number)
    }
    #expect(!isMiss(key("1"), in: cache))
    cache.keep(volume(4), under: key("4"))
    #expect(try folder.names().count == 3)
    #expect(isMiss(key("2"), in: cache))
    for number in [1, 3, 4] { #expect(isSame(cache.volume(key("\(number)"), size: Self.size), volume(number))) }
    let tiny = try CacheFolder()
    try tiny.cache(limit: bytes - 1).keep(volume(1), under: key("1"))
    #expect(try tiny.names().isEmpty)
  }

  /// Where the disk gets full it gives back what it has.
  @Test func itLeavesRoomToOthers() throws {
    let folder = try CacheFolder()
    try folder.cache().keep(volume(1), under: key("1"))
    #expect(try folder.names().count == 1)
    // But not what is somebody else's.
    let others = ["ph-0001_mask.nii.gz", "notes.mask", String(repeating: "g", count: 64) + ".volume"]
    for name in others { try folder.write([1], as: name) }
    try folder.cache(left: .max).keep(volume(2), under: key("2"))
    #expect(try Set(folder.names()) == Set(others))
  }

  @Test func aFolderThatIsGoneIsAMissToo() throws {
    let folder = try CacheFolder()
    let cache = try folder.cache()
    cache.keep(volume(1), under: key("a"))
    folder.remove()
    #expect(isMiss(key("a"), in: cache))
    cache.keep(volume(1), under: key("a"))
    #expect(isMiss(key("a"), in: cache))
  }

  /// What a cycle is given is bit for bit the same without a cache, with an empty, a filled and a damaged one.
  @Test func scansAndMasksAreTheSameWithAndWithoutIt() throws {
    let folder = try CacheFolder()
    let place = try CacheFolder()
    let scan = CaseReference(
      id: "a", subject: "a", scan: place.path.appending("scan.nii.gz").string,
      masks: [MaskReference(kind: .expert, path: place.path.appending("mask.nii.gz").string)])
    let image = Self.ball()
    try place.write(NiftiFile.encode(scan: image.volume, like: image.header), as: "scan.nii.gz")
    try place.write(
      NiftiFile.encode(mask: image.volume.map { $0 > 220 ? 1 : 0 }, like: image.header), as: "mask.nii.gz")

    let plain = ScanFiles(settings: Self.settings)
    let (volume, mask) = (try plain.volume(of: scan), try plain.mask(scan.masks[0], of: scan))
    #expect(mask.values.contains(1))
    let files = ScanFiles(settings: Self.settings, cache: try folder.cache())
    for _ in 1...3 {
      for _ in 1...2 {
        #expect(try isSame(files.volume(of: scan), volume))
        #expect(try files.mask(scan.masks[0], of: scan).values == mask.values)
      }
      #expect(try folder.names().count == 2)
      for name in try folder.names() {
        var bytes = try folder.read(name)
        bytes[bytes.count / 3] ^= 4
        try folder.write(bytes, as: name)
      }
    }
  }

  /// A ball of tissue with noise, on another grid than the reference.
  static func ball() -> Image {
    let size = GridSize(40, 40, 40)
    var volume = Volume<Float>(size: size, repeating: 0)
    var state: UInt64 = 88_172_645_463_325_252
    func roll() -> Float {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Float(state % 1000) / 1000
    }
    for z in 0..<size.z {
      for y in 0..<size.y {
        for x in 0..<size.x {
          let square = [x, y, z].map { (Double($0) - 19.5) * (Double($0) - 19.5) }.reduce(0, +)
          guard square < 81 else { continue }
          let bell = (0..<6).map { _ in 10 * roll() }.reduce(0, +)
          volume[x, y, z] = (square < 52 ? 200 : 120) + bell
        }
      }
    }
    return Image(
      volume: volume, geometry: GridGeometry(size: size.list, affine: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]))
  }
}

/// A folder that is gone when the test is.
private final class CacheFolder {
  let path: FilePath

  init() throws {
    path = FilePath("/tmp/popcorn-cache-\(getpid())-\(UInt64.random(in: 0 ..< .max))")
    guard mkdir(path.string, 0o700) == 0 else { throw Errno(rawValue: errno) }
  }

  deinit { remove() }

  func cache(limit: Int = 1 << 30, left: Int = 0) throws -> PreparedCache {
    try PreparedCache(path: path, limit: limit, left: left)
  }

  func names() throws -> [String] { try Directory(path).names().map(\.string) }

  func read(_ name: String) throws -> [UInt8] { try BoundedReader.read(path.appending(name)) }

  func write(_ bytes: [UInt8], as name: String) throws {
    try DurableFile.write(bytes, as: FilePath(name), in: try Directory(path))
  }

  /// Has a file look as if it had last been of use so long ago.
  func age(_ name: String, seconds: Int) throws {
    var times = [timespec(), timespec()]
    clock_gettime(CLOCK_REALTIME, &times[0])
    times[0].tv_sec -= seconds
    times[1] = times[0]
    guard utimensat(AT_FDCWD, path.appending(name).string, times, 0) == 0 else { throw Errno(rawValue: errno) }
  }

  func remove() {
    for name in (try? names()) ?? [] { unlink(path.appending(name).string) }
    rmdir(path.string)
  }
}
