/// Reads a deflate stream (RFC 1951) without keeping it: how it begins, how long it is, and whether it is cut or
/// damaged. libdeflate unpacks only whole buffers of known size and calls both kinds of trouble the same; this tells
/// the size before there is a buffer, and which trouble it is.
struct Inflate {
  enum Ending: Equatable {
    /// The stream ended well; `input` bytes were taken.
    case complete(input: Int)
    /// The input ended before the stream did.
    case truncated
    /// This is no deflate stream.
    case damaged
    /// `limit` bytes of output were reached.
    case limit
  }

  private let input: UnsafeBufferPointer<UInt8>
  private var position: Int
  private var bits: UInt64 = 0
  private var bitCount = 0
  private var window = [UInt8](repeating: 0, count: 1 << 15)
  private let keep: Int
  private let limit: Int

  /// Output bytes so far.
  private(set) var produced = 0
  /// The first `keep` of them.
  private(set) var beginning: [UInt8] = []

  /// Reads the raw deflate stream at `position` until `limit` bytes came out, keeping the first `keep`.
  init(_ input: UnsafeBufferPointer<UInt8>, at position: Int, keep: Int, limit: Int) {
    self.input = input
    self.position = position
    self.keep = keep
    self.limit = limit
    beginning.reserveCapacity(min(keep, limit))
  }

  private enum Trouble: Error { case truncated, damaged, limit }

  mutating func run() -> Ending {
    do throws(Trouble) {
      while true {
        let isLast = try take(1) == 1
        switch try take(2) {
        case 0: try storedBlock()
        case 1: try codedBlock(Self.fixedLiterals, Self.fixedDistances)
        case 2:
          let (literals, distances) = try dynamicCodes()
          try codedBlock(literals, distances)
        default: return .damaged
        }
        if isLast { return .complete(input: position - bitCount / 8) }
      }
    } catch {
      switch error {
      case .truncated: return .truncated
      case .damaged: return .damaged
      case .limit: return .limit
      }
    }
  }

  private mutating func take(_ count: Int) throws(Trouble) -> Int {
    while bitCount < count {
      guard position < input.count else { throw .truncated }
      bits |= UInt64(input[position]) << UInt64(bitCount)
      position += 1
      bitCount += 8
    }
    let value = Int(bits & ((1 << UInt64(count)) - 1))
    bits >>= UInt64(count)
    bitCount -= count
    return value
  }

  private mutating func emit(_ byte: UInt8) throws(Trouble) {
    guard produced < limit else { throw .limit }
    if produced < keep { beginning.append(byte) }
    window[produced & 0x7fff] = byte
    produced += 1
  }

  private mutating func storedBlock() throws(Trouble) {
    _ = try take(bitCount & 7)
    let length = try take(16)
    guard try take(16) == length ^ 0xffff else { throw .damaged }
    for _ in 0..<length { try emit(UInt8(try take(8))) }
  }

  private mutating func codedBlock(_ literals: Code, _ distances: Code) throws(Trouble) {
    while true {
      let symbol = try decode(literals)
      if symbol < 256 {
        try emit(UInt8(symbol))
        continue
      }
      if symbol == 256 { return }
      guard symbol <= 285 else { throw .damaged }
      let length = Self.lengthBase[symbol - 257] + (try take(Self.lengthExtra[symbol - 257]))
      let distanceSymbol = try decode(distances)
      guard distanceSymbol < 30 else { throw .damaged }
      let distance = Self.distanceBase[distanceSymbol] + (try take(Self.distanceExtra[distanceSymbol]))
      guard distance <= produced else { throw .damaged }
      for _ in 0..<length { try emit(window[(produced - distance) & 0x7fff]) }
    }
  }

  private mutating func decode(_ code: Code) throws(Trouble) -> Int {
    var (value, first, index) = (0, 0, 0)
    for length in 1...15 {
      value |= try take(1)
      let count = code.counts[length]
      if value - count < first { return code.symbols[index + value - first] }
      index += count
      first = (first + count) << 1
      value <<= 1
    }
    throw .damaged
  }

  private mutating func dynamicCodes() throws(Trouble) -> (Code, Code) {
    let (literals, distances, lengths) = (try take(5) + 257, try take(5) + 1, try take(4) + 4)
    guard literals <= 286, distances <= 30 else { throw .damaged }
    var lengthLengths = [Int](repeating: 0, count: 19)
    for place in Self.lengthOrder[0..<lengths] { lengthLengths[place] = try take(3) }
    guard let lengthCode = Code(lengthLengths) else { throw .damaged }
    var all: [Int] = []
    while all.count < literals + distances {
      let symbol = try decode(lengthCode)
      switch symbol {
      case ..<16: all.append(symbol)
      case 16:
        guard let last = all.last else { throw .damaged }
        all += Array(repeating: last, count: try take(2) + 3)
      case 17: all += Array(repeating: 0, count: try take(3) + 3)
      default: all += Array(repeating: 0, count: try take(7) + 11)
      }
    }
    guard all.count == literals + distances, all[256] > 0,
      let literalCode = Code(Array(all[..<literals])), let distanceCode = Code(Array(all[literals...]))
    else { throw .damaged }
    return (literalCode, distanceCode)
  }

  /// A canonical Huffman code: how many codes of each length, and the symbols in their order.
  struct Code {
    let counts: [Int]
    let symbols: [Int]

    /// nil where more codes are asked for than there are.
    init?(_ lengths: [Int]) {
      var counts = [Int](repeating: 0, count: 16)
      for length in lengths { counts[length] += 1 }
      counts[0] = 0
      var left = 1
      for length in 1...15 {
        left = left << 1 - counts[length]
        if left < 0 { return nil }
      }
      self.counts = counts
      symbols = lengths.indices.filter { lengths[$0] > 0 }.sorted { (lengths[$0], $0) < (lengths[$1], $1) }
    }

    fileprivate init(whole lengths: [Int]) {
      self = Code(lengths) ?? Code(counts: [], symbols: [])
    }

    private init(counts: [Int], symbols: [Int]) {
      self.counts = counts
      self.symbols = symbols
    }
  }

  private static let fixedLiterals = Code(
    whole: (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 })
  private static let fixedDistances = Code(whole: [Int](repeating: 5, count: 30))
  private static let lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
  private static let lengthBase = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
  ]
  private static let lengthExtra = [
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
  ]
  private static let distanceBase = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
    8193, 12289, 16385, 24577,
  ]
  private static let distanceExtra = [
    0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
  ]
}
