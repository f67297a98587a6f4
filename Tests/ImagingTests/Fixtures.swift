import Files
import FoundationEssentials
import SystemPackage

/// Answers of nibabel and SciPy, made by `make_fixtures.py` in the same folder.
enum Fixtures {
  struct Datatype: Decodable {
    let name: String
    let file: Data
    let size: [Int]
    let values: Data
    let affine: [Double]
  }

  struct Geometry: Decodable {
    let name: String
    let file: Data
    let affine: [Double]
    let codes: String
  }

  struct Mask: Decodable {
    struct Answer: Decodable {
      let connectivity: Int
      let count: Int
      let sizes: [Int]
    }
    let size: [Int]
    let mask: Data
    let answers: [Answer]
  }

  struct Peak: Decodable {
    let values: Data
    let peak: Double
    let q: Double
  }

  static func read<T: Decodable>(_ name: String, as type: [T].Type) throws -> [T] {
    let here = FilePath(#filePath).removingLastComponent()
    let path = here.appending("../Fixtures/Imaging/\(name).json")
    return try JSONDecoder().decode(type, from: Data(try BoundedReader.read(path)))
  }
}

extension Data {
  /// Little-endian Float32.
  var floats: [Float] {
    Array(self).withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
    }
  }
}

/// Small deterministic numbers: an explicit linear congruence, so that a failure can be had again.
struct Dice {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func roll(_ sides: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(sides))
  }
}
