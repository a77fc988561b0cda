import mongoose from 'mongoose';

/** A new id: an ObjectId in hexadecimal form, ordered by time. */
export const newObjectId = (): string => new mongoose.Types.ObjectId().toHexString();
