import CKernels
import COneDNN

/// The processor: convolutions by Winograd's algorithm or by oneDNN, everything else by our own kernels, channels-last, on
/// the threads of one OpenMP team (`OMP_NUM_THREADS`, read when the process starts, or `use(threads:)`).
///
/// Making one flushes denormals to zero on the calling thread and the team: all calls must come from that thread.
public final class CPU: Device {
  /// Values in (D, H, W, C) order; or, where a norm is still to be taken, what it is taken of.
  ///
  /// A normalised tensor is read by one convolution, which can scale what it reads: it needs no memory of its own.
  public final class Tensor {
    let shape: Shape
    let memory: Memory.Block
    /// A factor, then a term, for each channel.
    let scaling: Memory.Block?

    init(_ shape: Shape, _ memory: Memory.Block, scaling: Memory.Block? = nil) {
      self.shape = shape
      self.memory = memory
      self.scaling = scaling
    }

    /// The values; of a tensor that is scaled, those before.
    var start: UnsafeMutablePointer<Float> { memory.start }
    var size: kernels_size { shape.kernelSize }

    /// For kernels that scale what they read.
    var scaled: kernels_scaled {
      kernels_scaled(
        values: memory.start, along: scaling?.start, beyond: scaling.map { $0.start + shape.channels })
    }
  }

  /// Values and gradient, plain.
  public final class Parameter {
    let count: Int
    let values: Memory.Block
    private let memory: Memory
    /// The last gradient written; nil before the first.
    private(set) var gradient: Memory.Block?
    /// Grows with each change, so that packed copies know when they are old.
    fileprivate(set) var version = 0

    init(count: Int, in memory: Memory) throws {
      self.count = count
      self.memory = memory
      values = try memory.block(count)
      values.start.update(repeating: 0, count: count)
    }

    /// Where a backward operation writes. Made when the first one comes: what only segments does without.
    func gradientToWrite() throws -> UnsafeMutablePointer<Float> {
      if let gradient { return gradient.start }
      let made = try memory.block(count)
      gradient = made
      return made.start
    }
  }

  /// Mean and inverse deviation of each group.
  public final class Moments {
    var means: [Double]
    var inverses: [Double]

    init(groups: Int) {
      means = Array(repeating: 0, count: groups)
      inverses = means
    }
  }

  let memory = Memory()

  /// How convolutions that are made from now on are computed.
  public var convolutions: ConvolutionChoice
  let instructions: InstructionSet

  /// A device with memory of its own. `instructions` are those of Winograd's convolutions; oneDNN, which is one for the
  /// whole process, keeps to `InstructionSet.best`, and our small kernels take what the processor has.
  public init(convolutions: ConvolutionChoice = .fastest, instructions: InstructionSet = .best) {
    self.convolutions = convolutions
    self.instructions = instructions
    onednn_limit(InstructionSet.best.rawValue)
    kernels_flush_denormals()
  }

  /// Threads of the team.
  public static var threads: Int { Int(kernels_threads()) }

  /// Has the team be of `count` threads. Call it from the thread that computes, before it has computed anything.
  public static func use(threads count: Int) { kernels_use_threads(Int32(clamping: max(1, count))) }

  /// Multiplies and adds in registers on all threads: floating-point operations done. What that takes is what a
  /// processor can do at best.
  public static func multiplyAndAdd(rounds: Int) -> Double { kernels_multiply_and_add(max(0, rounds)) }

  /// Gives the memory that no tensor uses back to the system, for a pause in the work.
  public func releaseMemory() { memory.release() }

  func tensor(_ shape: Shape) throws -> Tensor { Tensor(shape, try memory.block(shape.count)) }

  /// The tensor with its norm taken.
  func plain(_ x: Tensor) throws -> Tensor {
    guard x.scaling != nil else { return x }
    let y = try tensor(x.shape)
    kernels_scale(x.scaled, y.start, x.shape.voxels, x.shape.channels)
    return y
  }

  /// A tensor with these values.
  public func upload(_ values: [Float], as shape: Shape) throws -> Tensor {
    guard values.count == shape.count else { throw EngineError.shape("\(values.count) values for \(shape)") }
    let result = try tensor(shape)
    values.withUnsafeBufferPointer {
      kernels_to_channels_last($0.baseAddress, result.start, shape.voxels, shape.channels)
    }
    return result
  }

  /// The values in (C, D, H, W) order.
  public func download(_ tensor: Tensor) -> [Float] {
    let (voxels, channels) = (tensor.shape.voxels, tensor.shape.channels)
    return [Float](unsafeUninitializedCapacity: tensor.shape.count) { buffer, count in
      kernels_to_planar(tensor.start, buffer.baseAddress, voxels, channels)
      count = tensor.shape.count
      guard let scaling = tensor.scaling?.start else { return }
      for place in buffer.indices {
        let channel = place / voxels
        buffer[place] = scaling[channels + channel].addingProduct(buffer[place], scaling[channel])
      }
    }
  }

  /// The tensor's shape.
  public func shape(of tensor: Tensor) -> Shape { tensor.shape }

  /// A parameter of zeros.
  public func parameter(count: Int) throws -> Parameter {
    try Parameter(count: count, in: memory)
  }

  /// Sets a parameter's values.
  public func set(_ parameter: Parameter, to values: UnsafeBufferPointer<Float>) {
    guard let source = values.baseAddress else { return }
    parameter.values.start.update(from: source, count: min(parameter.count, values.count))
    parameter.version += 1
  }

  /// The last gradient written.
  public func gradient(of parameter: Parameter) -> [Float] {
    parameter.gradient.map { Array(UnsafeBufferPointer(start: $0.start, count: parameter.count)) }
      ?? Array(repeating: 0, count: parameter.count)
  }

  /// Adds the last gradient written to `total`.
  public func addGradient(of parameter: Parameter, to total: UnsafeMutableBufferPointer<Float>) {
    if let gradient = parameter.gradient {
      kernels_add(gradient.start, total.baseAddress, min(parameter.count, total.count))
    }
  }
}

extension Shape {
  /// The edges, for the kernels.
  var kernelSize: kernels_size { kernels_size(depth: depth, height: height, width: width) }
}
