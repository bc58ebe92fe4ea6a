-- CreateTable
CREATE TABLE "SourceGrant" (
    "sourceId" TEXT NOT NULL,
    "grantee" TEXT NOT NULL,

    PRIMARY KEY ("sourceId", "grantee"),
    CONSTRAINT "SourceGrant_sourceId_fkey" FOREIGN KEY ("sourceId") REFERENCES "Source" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Upload" (
    "sourceId" TEXT NOT NULL PRIMARY KEY,
    "state" TEXT NOT NULL DEFAULT 'WAITING',
    "failure" TEXT,
    "key" TEXT NOT NULL,
    "size" BIGINT NOT NULL,
    "expiresAt" DATETIME NOT NULL,
    "storedAt" DATETIME,
    CONSTRAINT "Upload_sourceId_fkey" FOREIGN KEY ("sourceId") REFERENCES "Source" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Stream" (
    "sourceId" TEXT NOT NULL PRIMARY KEY,
    "maxAgeDays" INTEGER,
    "maxBytes" BIGINT,
    CONSTRAINT "Stream_sourceId_fkey" FOREIGN KEY ("sourceId") REFERENCES "Source" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateIndex
CREATE INDEX "SourceGrant_grantee_idx" ON "SourceGrant"("grantee");

-- CreateIndex
CREATE UNIQUE INDEX "Upload_key_key" ON "Upload"("key");
