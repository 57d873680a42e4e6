package uk.ac.manchester.tornado.api.exceptions;

/// The device cannot do this matrix product.
public class TornadoDeviceMMANotSupported extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /// @param message what went wrong
  public TornadoDeviceMMANotSupported(String message) {
    super(message);
  }
}
