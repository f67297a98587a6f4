import FoundationEssentials
import Testing

@testable import Engine

@Suite struct SafetensorsTests {
  @Test func readsWhatPythonWrites() throws {
    let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
    let bytes = Array(try Data(contentsOf: URL(filePath: "/\(folder)/Golden/python.safetensors")))
    let file = try Safetensors.decode(bytes)
    #expect(file.metadata == ["format": "np", "width": "24"])
    #expect(file["encoder.0.conv1.weight"]?.shape == [2, 1, 3, 3, 3])
    #expect(file["encoder.0.conv1.weight"]?.values == .float32((-8..<46).map { Float($0) / 8 }))
    #expect(file["encoder.0.conv1.bias"]?.values == .float32([0.5, -1.25]))
    #expect(file["läsion/\"quoted\""]?.values == .float64([1e-300, -2.5, 1e300]))
    #expect(file["empty"]?.shape == [0, 3])
    #expect(file.entries.count == 4)
  }

  @Test func roundTrips() throws {
    let entries: [Safetensors.Entry] = [
      .init(name: "b", shape: [2, 3], values: .float32([1, 2, 3, 4, 5, 6.5])),
      .init(name: "a", shape: [], values: .float64([.pi])),
      .init(name: "\u{1}\"\\/é😀", shape: [1], values: .float32([-0.0])),
    ]
    let file = Safetensors(entries, metadata: ["k": "v\n\""])
    let bytes = file.encode()
    let read = try Safetensors.decode(bytes)
    #expect(read.entries == entries)
    #expect(read.metadata == file.metadata)
    #expect(read.encode() == bytes)
    #expect(bytes.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) } % 8 == 0)
  }

  @Test func everyTruncationIsRefused() {
    let bytes = Safetensors([.init(name: "x", shape: [4], values: .float32([1, 2, 3, 4]))]).encode()
    for length in 0..<bytes.count {
      #expect(throws: SafetensorsError.self) { try Safetensors.decode(Array(bytes[..<length])) }
    }
    #expect(throws: SafetensorsError.self) { try Safetensors.decode(bytes + [0]) }
  }

  /// Whatever a byte is changed to: an error or a file, never a trap.
  @Test func everyDamagedByteIsSurvived() {
    let bytes = Safetensors(
      [
        .init(name: "x", shape: [2, 2], values: .float32([1, 2, 3, 4])),
        .init(name: "y", shape: [1], values: .float64([5])),
      ], metadata: ["m": "n"]
    ).encode()
    for place in bytes.indices {
      for value in stride(from: UInt8(0), through: 255, by: 5) {
        var damaged = bytes
        damaged[place] = value
        _ = try? Safetensors.decode(damaged)
      }
    }
  }

  @Test(arguments: [
    #"{"x":{"dtype":"F32","shape":[4],"data_offsets":[0,17]}}"#,
    #"{"x":{"dtype":"F32","shape":[4],"data_offsets":[0,12]}}"#,
    #"{"x":{"dtype":"F32","shape":[4],"data_offsets":[4,20]}}"#,
    #"{"x":{"dtype":"F32","shape":[4],"data_offsets":[16,0]}}"#,
    #"{"x":{"dtype":"F32","shape":[4],"data_offsets":[-16,0]}}"#,
    #"{"x":{"dtype":"F32","shape":[4],"data_offsets":[0]}}"#,
    #"{"x":{"dtype":"F32","shape":[4],"data_offsets":[0,16,16]}}"#,
    #"{"x":{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}}"#,
    #"{"x":{"dtype":"F32","shape":[-2,-2],"data_offsets":[0,16]}}"#,
    #"{"x":{"dtype":"F32","shape":[4611686018427387905,4],"data_offsets":[0,16]}}"#,
    #"{"x":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807],"data_offsets":[0,16]}}"#,
    #"{"x":{"dtype":"F32","shape":[4],"data_offsets":[0,9223372036854775807]}}"#,
    #"{"x":{"dtype":"F32","shape":[4],"data_offsets":[0,18446744073709551616]}}"#,
    #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
    #"{"x":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"y":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#,
    #"{"x":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"y":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}"#,
    #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}"#,
    #"{"x":{"dtype":"BF16","shape":[8],"data_offsets":[0,16]}}"#,
    #"{"x":{"dtype":"F32","shape":[4]}}"#,
    #"{"x":{"dtype":"F32","shape":4,"data_offsets":[0,16]}}"#,
    #"{"x":{"dtype":"F32","shape":[1.5],"data_offsets":[0,16]}}"#,
    #"{"__metadata__":{"a":1},"x":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#,
    "{}", "[]", "{", "null", "", "{\"x\":",
  ])
  func hostileHeadersAreRefused(_ header: String) {
    #expect(throws: SafetensorsError.self) { try Safetensors.decode(file(header, body: 16)) }
  }

  @Test func deepNestingIsRefused() {
    let deep = "{\"x\":" + String(repeating: "[", count: 100_000)
    #expect(throws: SafetensorsError.self) { try Safetensors.decode(file(deep, body: 0)) }
  }

  @Test func hugeHeaderLengthsAreRefused() {
    for length: UInt64 in [100_000_001, 1 << 40, 1 << 63, .max] {
      let bytes = (0..<8).map { UInt8(truncatingIfNeeded: length >> UInt64(8 * $0)) } + Array("{}".utf8)
      #expect(throws: SafetensorsError.self) { try Safetensors.decode(bytes) }
    }
  }

  @Test func valuesThatAreNotFiniteAreRefused() {
    for value in [Float.nan, .infinity, -.infinity] {
      let bytes = Safetensors([.init(name: "x", shape: [2], values: .float32([1, value]))]).encode()
      #expect(throws: SafetensorsError.notFinite("x")) { try Safetensors.decode(bytes) }
    }
  }

  private func file(_ header: String, body: Int) -> [UInt8] {
    let text = Array(header.utf8)
    return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text + Array(repeating: 0, count: body)
  }
}
