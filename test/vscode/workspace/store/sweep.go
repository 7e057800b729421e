package store

// What forgets users goes here.
