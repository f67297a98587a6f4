import FoundationEssentials

/// Named tensors in one file, as Hugging Face's safetensors: 8 bytes of header length, a JSON header, then the values,
/// little-endian, without gaps. Files from outside are read with suspicion: `decode` never trusts a number in them.
public struct Safetensors: Sendable {
  /// A tensor's values.
  public enum Values: Sendable, Equatable {
    /// `F32`.
    case float32([Float])
    /// `F64`.
    case float64([Double])

    /// As single precision.
    public var floats: [Float] {
      switch self {
      case .float32(let values): values
      case .float64(let values): values.map { Float($0) }
      }
    }

    /// As double precision.
    public var doubles: [Double] {
      switch self {
      case .float32(let values): values.map { Double($0) }
      case .float64(let values): values
      }
    }

    /// How many there are.
    public var count: Int {
      switch self {
      case .float32(let values): values.count
      case .float64(let values): values.count
      }
    }
  }

  /// A named tensor. `shape` multiplied out is the count of the values.
  public struct Entry: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// Its edges, slowest first.
    public var shape: [Int]
    /// Its values.
    public var values: Values

    /// A named tensor.
    public init(name: String, shape: [Int], values: Values) {
      self.name = name
      self.shape = shape
      self.values = values
    }
  }

  /// The tensors, in the order of their values in the file.
  public let entries: [Entry]
  /// Free text of the header, `__metadata__`.
  public let metadata: [String: String]
  private let places: [String: Int]

  /// A file to be. Names must differ.
  public init(_ entries: [Entry], metadata: [String: String] = [:]) {
    self.entries = entries
    self.metadata = metadata
    places = Dictionary(entries.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The tensor of that name.
  public subscript(_ name: String) -> Entry? { places[name].map { entries[$0] } }
}

/// What is wrong with a safetensors file.
public enum SafetensorsError: Error, Equatable, CustomStringConvertible {
  /// The header cannot be read.
  case header(String)
  /// A tensor's values are not where the header says, overlap another's, leave a gap, or do not fit its shape.
  case layout(String)
  /// A kind of number that is not read here.
  case type(String, String)
  /// A value that is not finite.
  case notFinite(String)
  /// A tensor that should be there is not.
  case missing(String)
  /// A tensor has another shape than it should.
  case shape(String, expected: [Int], found: [Int])

  /// In words.
  public var description: String {
    switch self {
    case .header(let what): "not a safetensors file: \(what)"
    case .layout(let what): "a damaged safetensors file: \(what)"
    case .type(let name, let type): "tensor \(name) has type \(type): save it as F32 or F64"
    case .notFinite(let name): "tensor \(name) holds a value that is not finite"
    case .missing(let name): "tensor \(name) is missing: is this a model of this network?"
    case .shape(let name, let expected, let found):
      "tensor \(name) has shape \(found) where \(expected) is expected: is this a model of this width?"
    }
  }
}

extension Safetensors {
  /// The longest header that is read, bytes: the bound of the format's own reader.
  public static let longestHeader = 100_000_000

  private struct Description: Codable {
    var dtype: String
    var shape: [Int]
    var data_offsets: [Int]
  }

  private struct Header: Codable {
    var metadata: [String: String]?
    var tensors: [String: Description] = [:]

    struct Key: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
      static let metadata = Key(stringValue: "__metadata__")
    }

    init() {}

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      for key in container.allKeys {
        if key.stringValue == Key.metadata.stringValue {
          metadata = try container.decode([String: String].self, forKey: key)
        } else {
          tensors[key.stringValue] = try container.decode(Description.self, forKey: key)
        }
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      if let metadata, !metadata.isEmpty { try container.encode(metadata, forKey: .metadata) }
      for (name, description) in tensors { try container.encode(description, forKey: Key(stringValue: name)) }
    }
  }

  /// The file's bytes. The same tensors and metadata give the same bytes.
  public func encode() -> [UInt8] {
    var header = Header()
    header.metadata = metadata
    var end = 0
    for entry in entries {
      let start = end
      let type: String
      switch entry.values {
      case .float32(let values): (type, end) = ("F32", start + 4 * values.count)
      case .float64(let values): (type, end) = ("F64", start + 8 * values.count)
      }
      header.tensors[entry.name] = Description(dtype: type, shape: entry.shape, data_offsets: [start, end])
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Strings and integers only: encoding them cannot fail.
    var text = (try? encoder.encode(header)).map { Array($0) } ?? Array("{}".utf8)
    while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }

    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + text.count + end)
    withUnsafeBytes(of: UInt64(text.count).littleEndian) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: text)
    for entry in entries {
      switch entry.values {
      case .float32(let values): values.withUnsafeBytes { bytes.append(contentsOf: $0) }
      case .float64(let values): values.withUnsafeBytes { bytes.append(contentsOf: $0) }
      }
    }
    return bytes
  }

  /// Reads a file's bytes. Throws `SafetensorsError` for anything that is not exactly as the format says, for other
  /// types than F32 and F64, and for values that are not finite.
  public static func decode(_ bytes: [UInt8]) throws(SafetensorsError) -> Safetensors {
    guard bytes.count >= 8 else { throw .header("it has \(bytes.count) bytes") }
    let length = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[$1]) << UInt64(8 * $1) }
    guard length <= UInt64(longestHeader), length <= UInt64(bytes.count - 8) else {
      throw .header("it claims a header of \(length) bytes")
    }
    let body = 8 + Int(length)
    guard length > 0, bytes[8] == UInt8(ascii: "{") else { throw .header("the header does not begin with {") }
    let header: Header
    do {
      header = try JSONDecoder().decode(Header.self, from: Data(bytes[8..<body]))
    } catch {
      throw .header("the header is not the JSON it should be")
    }
    return try read(header, values: bytes[body...])
  }

  private static func read(_ header: Header, values: ArraySlice<UInt8>) throws(SafetensorsError) -> Safetensors {
    for (name, tensor) in header.tensors where tensor.data_offsets.count != 2 {
      throw .layout("\(name) has \(tensor.data_offsets.count) offsets")
    }
    // By name where two are empty at the same place, so that the order is the same every time.
    let ordered = header.tensors.sorted {
      ($0.value.data_offsets[0], $0.value.data_offsets[1], $0.key)
        < ($1.value.data_offsets[0], $1.value.data_offsets[1], $1.key)
    }
    var entries: [Entry] = []
    var end = 0
    for (name, tensor) in ordered {
      let (from, to) = (tensor.data_offsets[0], tensor.data_offsets[1])
      guard from == end, to >= from, to <= values.count else {
        throw .layout("\(name) lies at \(from)..<\(to), \(end) was expected of \(values.count)")
      }
      end = to
      let size: Int
      switch tensor.dtype {
      case "F32": size = 4
      case "F64": size = 8
      default: throw .type(name, tensor.dtype)
      }
      var bytes = size
      for edge in tensor.shape {
        let (product, overflow) = bytes.multipliedReportingOverflow(by: edge)
        guard edge >= 0, !overflow else { throw .layout("\(name) has shape \(tensor.shape)") }
        bytes = product
      }
      guard bytes == to - from else { throw .layout("\(name) of shape \(tensor.shape) has \(to - from) bytes") }
      let slice = values[values.startIndex + from..<values.startIndex + to]
      let read: Values = size == 4 ? .float32(numbers(in: slice)) : .float64(numbers(in: slice))
      guard read.areFinite else { throw .notFinite(name) }
      entries.append(Entry(name: name, shape: tensor.shape, values: read))
    }
    guard end == values.count else { throw .layout("\(values.count - end) bytes belong to no tensor") }
    return Safetensors(entries, metadata: header.metadata ?? [:])
  }

  private static func numbers<Number: BinaryFloatingPoint>(in bytes: ArraySlice<UInt8>) -> [Number] {
    bytes.withUnsafeBytes { raw in
      [Number](unsafeUninitializedCapacity: raw.count / MemoryLayout<Number>.size) { buffer, count in
        UnsafeMutableRawBufferPointer(buffer).copyMemory(from: raw)
        count = raw.count / MemoryLayout<Number>.size
      }
    }
  }
}

extension Safetensors.Values {
  /// Whether there is neither a NaN nor an infinity.
  public var areFinite: Bool {
    switch self {
    case .float32(let values): values.allSatisfy(\.isFinite)
    case .float64(let values): values.allSatisfy(\.isFinite)
    }
  }
}
