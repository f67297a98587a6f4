/// The version of all programs of the house, which each of them reports and writes into what it makes.
public enum Version {
  /// As printed.
  public static let text = "0.2.0"
}
