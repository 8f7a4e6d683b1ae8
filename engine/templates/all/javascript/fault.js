/** A failure with one of the words of `fault` in wit/. Thrown, it is the answer of the call. */
export const fault = (code, message) => ({ code, message, extra: [] });
