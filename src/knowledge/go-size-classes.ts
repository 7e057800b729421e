/**
 * The sizes gc's allocator gives to a single object of up to 1 KiB.
 * Source: https://github.com/golang/go/blob/go1.19/src/runtime/sizeclasses.go
 */
const classes = [
  8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416,
  448, 480, 512, 576, 640, 704, 768, 896, 1024,
];

/** What an object of so many bytes takes on the heap; above 1 KiB classes differ by little, and the bytes stand for it. */
export function goSizeClass(bytes: number): number {
  return classes.find((c) => c >= bytes) ?? bytes;
}
