import Files
import Testing

@Suite struct DigestTests {
  /// FIPS 180-2, appendix B.1.
  @Test func digestOfAbcIsTheStandards() {
    #expect(
      Digest(of: Array("abc".utf8)).description
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  /// RFC 4231, test case 2.
  @Test func keyedDigestIsTheStandards() {
    let key = SecretKey(bytes: Array("Jefe".utf8))
    #expect(
      key.digest(of: Array("what do ya want for nothing?".utf8)).description
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
  }

  @Test func hexadecimalRoundTrips() {
    let digest = Digest(of: [1, 2, 3])
    #expect(Digest(hexadecimal: digest.description) == digest)
    #expect(Digest(hexadecimal: digest.description.dropLast()) == nil)
    #expect(Digest(hexadecimal: digest.description.dropLast() + "g") == nil)
  }
}
