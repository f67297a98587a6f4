import Engine

/// A value of the network and, on the way back, its gradient.
final class Node<D: Device> {
  let value: D.Tensor
  let wantsGradient: Bool
  private var gradient: D.Tensor?

  init(_ value: D.Tensor, wantsGradient: Bool = true) {
    self.value = value
    self.wantsGradient = wantsGradient
  }

  /// Adds to the gradient what one of the value's uses gives.
  func receive(_ part: D.Tensor, on device: D) throws {
    if let gradient { try device.add(part, to: gradient) } else { gradient = part }
  }

  /// Hands over the gradient, which is whole when all uses of the value are behind.
  func takeGradient() -> D.Tensor? {
    defer { gradient = nil }
    return gradient
  }
}

/// The network's operations. Each computes its value at once and, where the tape records, leaves behind how its gradient
/// goes back. Without recording a value's memory is free again as soon as the next one is made.
final class Tape<D: Device> {
  typealias Value = Node<D>

  let device: D
  private let records: Bool
  /// What each convolution gave, in the order of computation, until the walk back.
  private(set) var convolved: [Value] = []
  private var wayBack: [() throws -> Void] = []

  init(on device: D, records: Bool) {
    self.device = device
    self.records = records
  }

  /// Walks back through everything recorded, and forgets it.
  func unwind() throws {
    convolved = []
    while let step = wayBack.popLast() { try step() }
  }

  private func record(_ y: Value, _ backward: @escaping (D.Tensor) throws -> Void) {
    guard records else { return }
    wayBack.append { if let dy = y.takeGradient() { try backward(dy) } }
  }

  func convolve(_ x: Value, by convolution: D.Convolution) throws -> Value {
    let y = Value(try device.convolve(x.value, by: convolution))
    if records { convolved.append(y) }
    record(y) { [device] dy in
      let dx = try device.convolveBackward(
        dy, x: x.value, y: y.value, by: convolution, wantsInput: x.wantsGradient)
      if let dx { try x.receive(dx, on: device) }
    }
    return y
  }

  func normalize(_ x: Value, by norm: Norm<D.Parameter>) throws -> Value {
    let (normal, moments) = try device.normalize(x.value, by: norm)
    let y = Value(normal)
    record(y) { [device] dy in
      try x.receive(try device.normalizeBackward(dy, x: x.value, moments: moments, by: norm), on: device)
    }
    return y
  }

  func pool(_ x: Value) throws -> Value {
    let y = Value(try device.pool(x.value))
    record(y) { [device] dy in try x.receive(try device.poolBackward(dy, x: x.value), on: device) }
    return y
  }

  func drop(_ x: Value, rate: Float, key: DropoutKey) throws -> Value {
    let y = Value(try device.drop(x.value, rate: rate, key: key))
    record(y) { [device] dy in try x.receive(try device.drop(dy, rate: rate, key: key), on: device) }
    return y
  }

  /// [`x` at twice its size, `skip` where there is one].
  func upsample(_ x: Value, beside skip: Value?) throws -> Value {
    let channels = device.shape(of: x.value).channels
    let y = Value(try device.upsample(x.value, beside: skip?.value))
    record(y) { [device] dy in
      let gradients = try device.upsampleBackward(dy, channels: channels)
      if let beside = gradients.skip { try skip?.receive(beside, on: device) }
      try x.receive(gradients.x, on: device)
    }
    return y
  }

  func softmax(_ x: Value) throws -> Value {
    let y = Value(try device.softmax(x.value))
    record(y) { [device] dy in try x.receive(try device.softmaxBackward(dy, y: y.value), on: device) }
    return y
  }

  func channelMean(_ x: Value) throws -> Value {
    let shape = device.shape(of: x.value)
    let y = Value(try device.channelMean(x.value))
    record(y) { [device] dy in try x.receive(try device.channelMeanBackward(dy, over: shape), on: device) }
    return y
  }
}
