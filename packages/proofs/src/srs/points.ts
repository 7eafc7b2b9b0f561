/** bytes of a point in bb's `bn254_g1.dat`: x and y, 32 bytes each, big-endian, affine */
export const POINT_BYTES = 64;

/** The base field of BN254, over which the points of G1 have their coordinates. */
export const BASE_MODULUS = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;
